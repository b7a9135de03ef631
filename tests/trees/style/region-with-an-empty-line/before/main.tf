terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

locals {
  region = "us-west-2"
}

resource "aws_vpc" "main" {
  region = local.region

  cidr_block           = "10.40.0.0/16"
  enable_dns_hostnames = true

  tags = {
    Name = "bond-vpc"
  }
}

resource "aws_internet_gateway" "main" {
  region = local.region

  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "public" {
  region = local.region

  vpc_id     = aws_vpc.main.id
  cidr_block = "10.40.96.0/24"

  tags = {
    Name = "bond-public"
  }
}

resource "aws_subnet" "private_a" {
  region = local.region

  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.40.0.0/20"
  availability_zone = "us-west-2a"

  tags = {
    Name = "bond-private-a"
  }
}

resource "aws_subnet" "private_b" {
  region = local.region

  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.40.16.0/20"
  availability_zone = "us-west-2b"

  tags = {
    Name = "bond-private-b"
  }
}

resource "aws_route_table" "private" {
  region = local.region

  vpc_id = aws_vpc.main.id

  tags = {
    Name = "bond-private"
  }
}

resource "aws_route_table_association" "private_a" {
  region = local.region

  subnet_id      = aws_subnet.private_a.id
  route_table_id = aws_route_table.private.id
}

resource "aws_route_table_association" "private_b" {
  region = local.region

  subnet_id      = aws_subnet.private_b.id
  route_table_id = aws_route_table.private.id
}

resource "aws_security_group" "app" {
  region = local.region

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
  region = local.region

  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = [aws_subnet.private_a.id, aws_subnet.private_b.id]
  security_groups    = [aws_security_group.app.id]
}

resource "aws_apprunner_service" "app" {
  region = local.region

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
