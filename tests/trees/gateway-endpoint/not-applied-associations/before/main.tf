resource "aws_vpc" "core" {
  cidr_block = "10.40.0.0/16"
}

resource "aws_internet_gateway" "core" {
  vpc_id = aws_vpc.core.id
}

resource "aws_subnet" "edge" {
  vpc_id     = aws_vpc.core.id
  cidr_block = "10.40.96.0/24"
}

resource "aws_subnet" "left" {
  vpc_id     = aws_vpc.core.id
  cidr_block = "10.40.0.0/20"
}

resource "aws_subnet" "right" {
  vpc_id     = aws_vpc.core.id
  cidr_block = "10.40.16.0/20"
}

resource "aws_route_table" "inner" {
  vpc_id = aws_vpc.core.id
}

resource "aws_route_table" "other" {
  vpc_id = aws_vpc.core.id
}

resource "aws_route_table_association" "left" {
  subnet_id      = aws_subnet.left.id
  route_table_id = aws_route_table.inner.id
}

resource "aws_route_table_association" "right" {
  subnet_id      = aws_subnet.right.id
  route_table_id = aws_route_table.other.id
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

resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.core.id
  service_name = "com.amazonaws.us-west-2.s3"
}

resource "aws_vpc_endpoint_route_table_association" "inner" {
  vpc_endpoint_id = aws_vpc_endpoint.s3.id
  route_table_id  = aws_route_table.inner.id
}
