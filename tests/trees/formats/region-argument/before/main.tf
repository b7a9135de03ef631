terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

variable "region" {
  type    = string
  default = "us-west-2"
}

resource "aws_vpc" "main" {
  region     = var.region
  cidr_block = "10.40.0.0/16"
}

resource "aws_security_group" "app" {
  region = var.region
  name   = "bond-app"
  vpc_id = aws_vpc.main.id
}

resource "aws_apprunner_vpc_connector" "app" {
  region             = var.region
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = ["subnet-a", "subnet-b", "subnet-c"]
  security_groups    = [aws_security_group.app.id]
}

resource "aws_apprunner_service" "app" {
  region       = var.region
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
