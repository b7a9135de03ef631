terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.main]
    }
  }
}

resource "aws_vpc" "main" {
  provider = aws.main

  cidr_block           = "10.40.0.0/16"
  enable_dns_hostnames = true

  tags = {
    Name = "bond"
  }
}

resource "aws_internet_gateway" "main" {
  provider = aws.main

  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "public" {
  provider = aws.main

  vpc_id     = aws_vpc.main.id
  cidr_block = "10.40.96.0/24"
}

resource "aws_subnet" "private" {
  provider = aws.main

  for_each = {
    a = "10.40.0.0/20"
    b = "10.40.16.0/20"
  }

  vpc_id            = aws_vpc.main.id
  cidr_block        = each.value
  availability_zone = "us-west-2${each.key}"
}

resource "aws_route_table" "private" {
  provider = aws.main

  vpc_id = aws_vpc.main.id
}

resource "aws_route_table_association" "private" {
  provider = aws.main

  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private.id
}

resource "aws_security_group" "app" {
  provider = aws.main

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
  provider = aws.main

  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = values(aws_subnet.private)[*].id
  security_groups    = [aws_security_group.app.id]
}

resource "aws_apprunner_service" "app" {
  provider = aws.main

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
