locals {
  use_vpc = length(var.subnet_ids) > 0
}

resource "aws_security_group" "app" {
  count = local.use_vpc ? 1 : 0

  name   = "bond-app"
  vpc_id = "vpc-1"

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_apprunner_vpc_connector" "this" {
  count = local.use_vpc ? 1 : 0

  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = var.subnet_ids
  security_groups    = aws_security_group.app[*].id
}

resource "aws_apprunner_service" "this" {
  service_name = var.name

  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/x/y:1"
      image_repository_type = "ECR_PUBLIC"
    }
  }

  network_configuration {
    egress_configuration {
      egress_type       = local.use_vpc ? "VPC" : "DEFAULT"
      vpc_connector_arn = one(aws_apprunner_vpc_connector.this[*].arn)
    }
  }
}
