module "endpoints" {
  source  = "terraform-aws-modules/vpc/aws//modules/vpc-endpoints"
  version = "~> 5.0"

  vpc_id             = "vpc-1"
  security_group_ids = [aws_security_group.endpoints.id]
  subnet_ids         = ["subnet-a", "subnet-b"]

  endpoints = {
    logs = {
      service             = "logs"
      private_dns_enabled = true
      tags                = { Name = "bond-logs" }
    }

    ecr = {
      service             = "ecr.dkr"
      private_dns_enabled = true
      tags                = { Name = "bond-ecr" }
    }
  }
}

resource "aws_security_group" "endpoints" {
  name   = "bond-endpoints"
  vpc_id = "vpc-1"
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = ["subnet-a", "subnet-b"]
  security_groups    = [aws_security_group.app.id]
}

resource "aws_apprunner_service" "app" {
  service_name = "bond-ai-dev-backend"

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
