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

variable "name" {
  type    = string
  default = "bond"
}

variable "connector_name" {
  type    = string
  default = "bond-ai-dev-connector"
}

data "aws_vpc" "main" {
  id = "vpc-1"
}

resource "aws_security_group" "app" {
  name   = "bond-app-service"
  vpc_id = data.aws_vpc.main.id

  tags = {
    Name = format("%s-service", var.name)
  }
}

resource "aws_security_group" "worker" {
  count  = 2
  name   = "bond-app-worker-${count.index}"
  vpc_id = data.aws_vpc.main.id

  tags = {
    Name = format("%s-worker-%d", var.name, count.index + 1)
  }
}

resource "aws_subnet" "public" {
  count             = 3
  vpc_id            = data.aws_vpc.main.id
  cidr_block        = cidrsubnet("10.40.0.0/16", 4, count.index)
  availability_zone = ["us-west-2a", "us-west-2b", "us-west-2c"][count.index]
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = var.connector_name
  subnets            = aws_subnet.public[*].id
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
