terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "us-west-2"
}

module "endpoints_group" {
  source  = "terraform-aws-modules/security-group/aws"
  version = "5.2.0"

  name            = "bond-endpoints"
  use_name_prefix = false
  vpc_id          = "vpc-1"

  computed_ingress_with_source_security_group_id = [
    {
      rule                     = "https-443-tcp"
      source_security_group_id = aws_security_group.batch.id
    },
  ]
  number_of_computed_ingress_with_source_security_group_id = 1
}

resource "aws_security_group" "batch" {
  name   = "bond-batch"
  vpc_id = "vpc-1"
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = ["subnet-a", "subnet-b", "subnet-c"]
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
