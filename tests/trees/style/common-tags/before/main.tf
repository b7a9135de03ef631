variable "stage" {
  type    = string
  default = "dev"
}

resource "aws_vpc" "core" {
  cidr_block = "10.40.0.0/16"

  tags = {
    Name        = "bond-vpc"
    Environment = var.stage
    ManagedBy   = "terraform"
  }
}

resource "aws_internet_gateway" "core" {
  vpc_id = aws_vpc.core.id

  tags = {
    Name        = "bond-igw"
    Environment = var.stage
    ManagedBy   = "terraform"
  }
}

resource "aws_subnet" "edge" {
  vpc_id     = aws_vpc.core.id
  cidr_block = "10.40.96.0/24"

  tags = {
    Name        = "bond-public-a"
    Environment = var.stage
    ManagedBy   = "terraform"
  }
}

resource "aws_subnet" "left" {
  vpc_id     = aws_vpc.core.id
  cidr_block = "10.40.0.0/20"

  tags = {
    Name        = "bond-private-a"
    Environment = var.stage
    ManagedBy   = "terraform"
  }
}

resource "aws_subnet" "right" {
  vpc_id     = aws_vpc.core.id
  cidr_block = "10.40.16.0/20"

  tags = {
    Name        = "bond-private-b"
    Environment = var.stage
    ManagedBy   = "terraform"
  }
}

resource "aws_route_table" "inner" {
  vpc_id = aws_vpc.core.id

  tags = {
    Name        = "bond-inner"
    Environment = var.stage
    ManagedBy   = "terraform"
  }
}

resource "aws_route_table_association" "inner" {
  for_each = {
    left  = aws_subnet.left.id
    right = aws_subnet.right.id
  }

  subnet_id      = each.value
  route_table_id = aws_route_table.inner.id
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = aws_vpc.core.id
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = [aws_subnet.left.id, aws_subnet.right.id]
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
