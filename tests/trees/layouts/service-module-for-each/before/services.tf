locals {
  services = {
    backend = { port = 8080, egress = "VPC" }
    worker  = { port = 9090, egress = "DEFAULT" }
  }
}

module "service" {
  source   = "./modules/service"
  for_each = local.services

  name               = "bond-ai-dev-${each.key}"
  port               = each.value.port
  egress_type        = each.value.egress
  vpc_connector_arn  = aws_apprunner_vpc_connector.shared.arn
  environment_values = { PORT = tostring(each.value.port) }
}

resource "aws_apprunner_vpc_connector" "shared" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = aws_subnet.private[*].id
  security_groups    = [aws_security_group.shared.id]
}

resource "aws_security_group" "shared" {
  name   = "bond-app"
  vpc_id = aws_vpc.main.id
}

resource "aws_vpc_security_group_egress_rule" "shared" {
  for_each = toset(["443", "5432"])

  security_group_id = aws_security_group.shared.id
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
  cidr_ipv4         = "0.0.0.0/0"
}
