# The internet gateway is not attached, so the NAT gateway has no internet access.
resource "aws_vpc" "gateway" {
  cidr_block = "10.44.0.0/16"
  tags       = { Name = "gateway" }
}

resource "aws_subnet" "gateway" {
  vpc_id            = aws_vpc.gateway.id
  cidr_block        = "10.44.1.0/24"
  availability_zone = "us-west-2a"
  tags              = { Name = "gateway-app" }
}

resource "aws_route_table" "gateway" {
  vpc_id = aws_vpc.gateway.id
  tags   = { Name = "gateway-private" }
}

resource "aws_route_table_association" "gateway" {
  subnet_id      = aws_subnet.gateway.id
  route_table_id = aws_route_table.gateway.id
}

resource "aws_internet_gateway" "gateway" {
  tags = { Name = "gateway" }
}

resource "aws_subnet" "gateway_public" {
  vpc_id            = aws_vpc.gateway.id
  cidr_block        = "10.44.8.0/24"
  availability_zone = "us-west-2b"
  tags              = { Name = "gateway-public" }
}

resource "aws_route_table" "gateway_public" {
  vpc_id = aws_vpc.gateway.id
  tags   = { Name = "gateway-public" }
}

resource "aws_route" "gateway_public" {
  route_table_id         = aws_route_table.gateway_public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.gateway.id
}

resource "aws_route_table_association" "gateway_public" {
  subnet_id      = aws_subnet.gateway_public.id
  route_table_id = aws_route_table.gateway_public.id
}

resource "aws_eip" "gateway" {
  domain = "vpc"
}

resource "aws_nat_gateway" "gateway" {
  allocation_id = aws_eip.gateway.id
  subnet_id     = aws_subnet.gateway_public.id
  tags          = { Name = "gateway" }
}

resource "aws_route" "gateway" {
  route_table_id         = aws_route_table.gateway.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.gateway.id
}

resource "aws_security_group" "gateway" {
  name   = "gateway-app"
  vpc_id = aws_vpc.gateway.id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_apprunner_vpc_connector" "gateway" {
  vpc_connector_name = "gateway-app"
  subnets            = [aws_subnet.gateway.id]
  security_groups    = [aws_security_group.gateway.id]
}

resource "aws_apprunner_service" "gateway" {
  service_name = "gateway-app"

  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/aws-containers/hello-app-runner:latest"
      image_repository_type = "ECR_PUBLIC"
    }
    auto_deployments_enabled = false
  }

  network_configuration {
    egress_configuration {
      egress_type       = "VPC"
      vpc_connector_arn = aws_apprunner_vpc_connector.gateway.arn
    }
  }
}
