variable "name" {
  type = string
}

variable "ports" {
  type = map(string)
}

resource "aws_security_group" "app" {
  name   = "${replace(var.name, "-ai", "")}-app"
  vpc_id = "vpc-1"
}

resource "aws_vpc_security_group_egress_rule" "app" {
  for_each = var.ports

  security_group_id = aws_security_group.app.id
  cidr_ipv4         = each.value
  from_port         = each.key
  to_port           = each.key
  ip_protocol       = "tcp"
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "${var.name}-connector"
  subnets            = ["subnet-a", "subnet-b", "subnet-c"]
  security_groups    = [aws_security_group.app.id]
}

resource "aws_apprunner_service" "app" {
  service_name = "${var.name}-backend"

  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/x/y:1"
      image_repository_type = "ECR_PUBLIC"
    }
  }

  network_configuration {
    egress_configuration {
      egress_type       = "VPC"
      vpc_connector_arn = aws_apprunner_vpc_connector.app.arn
    }
  }
}
