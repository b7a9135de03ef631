locals {
  services = {
    api     = { tier = "nat" }
    backend = { tier = "private" }
  }

  tiers = {
    private = ["subnet-a", "subnet-b", "subnet-c"]
    nat     = ["subnet-d"]
  }
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_apprunner_vpc_connector" "app" {
  for_each = local.tiers

  vpc_connector_name = each.key == "private" ? "bond-ai-dev-connector" : "bond-ai-dev-${each.key}"
  subnets            = each.value
  security_groups    = [aws_security_group.app.id]
}

resource "aws_apprunner_service" "app" {
  for_each = local.services

  service_name = "bond-ai-dev-${each.key}"

  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/x/y:1"
      image_repository_type = "ECR_PUBLIC"
    }
  }

  network_configuration {
    egress_configuration {
      egress_type       = "VPC"
      vpc_connector_arn = aws_apprunner_vpc_connector.app[each.value.tier].arn
    }
  }
}
