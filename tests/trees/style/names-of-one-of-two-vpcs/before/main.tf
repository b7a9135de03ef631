provider "aws" {
  region = "us-west-2"
}

resource "aws_vpc" "main" {
  cidr_block           = "10.40.0.0/16"
  enable_dns_hostnames = true

  tags = {
    Name = "bond-dev-vpc"
  }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "public" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.40.96.0/24"

  tags = {
    Name = "bond-dev-public"
  }
}

resource "aws_subnet" "private_a" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.40.0.0/20"
  availability_zone = "us-west-2a"

  tags = {
    Name = "bond-dev-private-a"
  }
}

resource "aws_subnet" "private_b" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.40.16.0/20"
  availability_zone = "us-west-2b"

  tags = {
    Name = "bond-dev-private-b"
  }
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.main.id

  tags = {
    Name = "bond-dev-private"
  }
}

resource "aws_route_table_association" "private_a" {
  subnet_id      = aws_subnet.private_a.id
  route_table_id = aws_route_table.private.id
}

resource "aws_route_table_association" "private_b" {
  subnet_id      = aws_subnet.private_b.id
  route_table_id = aws_route_table.private.id
}

resource "aws_vpc" "blue" {
  cidr_block           = "10.99.0.0/16"
  enable_dns_hostnames = true

  tags = {
    Name = "bond-blue-vpc"
  }
}

resource "aws_internet_gateway" "blue" {
  vpc_id = aws_vpc.blue.id
}

resource "aws_subnet" "public_blue" {
  vpc_id     = aws_vpc.blue.id
  cidr_block = "10.99.96.0/24"

  tags = {
    Name = "bond-blue-public"
  }
}

resource "aws_subnet" "private_a_blue" {
  vpc_id            = aws_vpc.blue.id
  cidr_block        = "10.99.0.0/20"
  availability_zone = "us-west-2a"

  tags = {
    Name = "bond-blue-private-a"
  }
}

resource "aws_subnet" "private_b_blue" {
  vpc_id            = aws_vpc.blue.id
  cidr_block        = "10.99.16.0/20"
  availability_zone = "us-west-2b"

  tags = {
    Name = "bond-blue-private-b"
  }
}

resource "aws_route_table" "private_blue" {
  vpc_id = aws_vpc.blue.id

  tags = {
    Name = "bond-blue-private"
  }
}

resource "aws_route_table_association" "private_a_blue" {
  subnet_id      = aws_subnet.private_a_blue.id
  route_table_id = aws_route_table.private_blue.id
}

resource "aws_route_table_association" "private_b_blue" {
  subnet_id      = aws_subnet.private_b_blue.id
  route_table_id = aws_route_table.private_blue.id
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
  subnets            = [aws_subnet.private_a.id, aws_subnet.private_b.id]
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
