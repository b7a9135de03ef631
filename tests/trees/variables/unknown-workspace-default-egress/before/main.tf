terraform {
  backend "s3" {
    bucket = "bond-state"
    key    = "app.tfstate"
    region = "us-west-2"
  }
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = aws_vpc.main.id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = values(aws_subnet.private)[*].id
  security_groups    = [aws_security_group.app.id]
}

locals {
  environments = {
    develop = { prefix = "bond-ai-dev", services = ["backend", "worker"] }
    release = { prefix = "bond-ai", services = ["backend", "worker"] }
  }

  environment = local.environments[terraform.workspace]
}

resource "aws_apprunner_service" "this" {
  for_each = toset(local.environment.services)

  service_name = "${local.environment.prefix}-${each.value}"

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
