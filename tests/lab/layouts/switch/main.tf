variable "network" {
  type    = bool
  default = true
}

resource "aws_vpc" "main" {
  count = var.network ? 1 : 0

  cidr_block           = "10.53.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "switch" }
}

resource "aws_internet_gateway" "main" {
  count = var.network ? 1 : 0

  vpc_id = aws_vpc.main[0].id
  tags   = { Name = "switch" }
}

resource "aws_subnet" "private_a" {
  count = var.network ? 1 : 0

  vpc_id            = aws_vpc.main[0].id
  cidr_block        = "10.53.1.0/24"
  availability_zone = "us-west-2a"
  tags              = { Name = "switch" }
}

resource "aws_subnet" "private_b" {
  count = var.network ? 1 : 0

  vpc_id            = aws_vpc.main[0].id
  cidr_block        = "10.53.2.0/24"
  availability_zone = "us-west-2b"
  tags              = { Name = "switch" }
}

resource "aws_subnet" "public" {
  count = var.network ? 1 : 0

  vpc_id            = aws_vpc.main[0].id
  cidr_block        = "10.53.8.0/24"
  availability_zone = "us-west-2a"
  tags              = { Name = "switch" }
}

resource "aws_route_table" "private" {
  count = var.network ? 1 : 0

  vpc_id = aws_vpc.main[0].id
  tags   = { Name = "switch" }
}

resource "aws_route_table_association" "private_a" {
  count = var.network ? 1 : 0

  subnet_id      = aws_subnet.private_a[0].id
  route_table_id = aws_route_table.private[0].id
}

resource "aws_route_table_association" "private_b" {
  count = var.network ? 1 : 0

  subnet_id      = aws_subnet.private_b[0].id
  route_table_id = aws_route_table.private[0].id
}

resource "aws_route_table" "public" {
  count = var.network ? 1 : 0

  vpc_id = aws_vpc.main[0].id
  tags   = { Name = "switch" }
}

resource "aws_route" "public" {
  count = var.network ? 1 : 0

  route_table_id         = aws_route_table.public[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main[0].id
}

resource "aws_route_table_association" "public" {
  count = var.network ? 1 : 0

  subnet_id      = aws_subnet.public[0].id
  route_table_id = aws_route_table.public[0].id
}

locals {
  vpc_id     = one(aws_vpc.main[*].id)
  subnet_ids = concat(aws_subnet.private_a[*].id, aws_subnet.private_b[*].id)
}

resource "aws_security_group" "app" {
  name   = "switch"
  vpc_id = local.vpc_id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "switch"
  subnets            = local.subnet_ids
  security_groups    = [aws_security_group.app.id]
}

resource "aws_apprunner_service" "app" {
  service_name = "switch"

  source_configuration {
    auto_deployments_enabled = false

    image_repository {
      image_identifier      = "public.ecr.aws/aws-containers/hello-app-runner:latest"
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
