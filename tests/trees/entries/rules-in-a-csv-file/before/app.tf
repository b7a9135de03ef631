resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = aws_vpc.main.id
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "${local.prefix}-connector"
  subnets            = values(aws_subnet.private)[*].id
  security_groups    = [aws_security_group.app.id]
}

resource "aws_apprunner_service" "this" {
  service_name = "${local.prefix}-backend"

  source_configuration {
    auto_deployments_enabled = false

    image_repository {
      image_identifier      = "public.ecr.aws/x/y:1"
      image_repository_type = "ECR_PUBLIC"

      image_configuration {
        port = "8000"
      }
    }
  }

  network_configuration {
    egress_configuration {
      egress_type       = "VPC"
      vpc_connector_arn = aws_apprunner_vpc_connector.app.arn
    }
  }
}

locals {
  rules = { for r in csvdecode(file("${path.module}/rules.csv")) : r.name => r }
}

resource "aws_vpc_security_group_egress_rule" "app" {
  for_each = local.rules

  security_group_id = aws_security_group.app.id
  cidr_ipv4         = each.value.cidr
  from_port         = each.value.port
  to_port           = each.value.port
  ip_protocol       = "tcp"
}
