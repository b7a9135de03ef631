# A dual-stack service whose route table has no route for IPv6.
resource "aws_vpc" "ipv6" {
  cidr_block                       = "10.47.0.0/16"
  assign_generated_ipv6_cidr_block = true
  tags                             = { Name = "ipv6" }
}

resource "aws_subnet" "ipv6" {
  vpc_id            = aws_vpc.ipv6.id
  cidr_block        = "10.47.1.0/24"
  ipv6_cidr_block   = cidrsubnet(aws_vpc.ipv6.ipv6_cidr_block, 8, 1)
  availability_zone = "us-west-2a"
  tags              = { Name = "ipv6-app" }
}

resource "aws_route_table" "ipv6" {
  vpc_id = aws_vpc.ipv6.id
  tags   = { Name = "ipv6-private" }
}

resource "aws_route_table_association" "ipv6" {
  subnet_id      = aws_subnet.ipv6.id
  route_table_id = aws_route_table.ipv6.id
}

resource "aws_security_group" "ipv6" {
  name   = "ipv6-app"
  vpc_id = aws_vpc.ipv6.id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_apprunner_vpc_connector" "ipv6" {
  vpc_connector_name = "ipv6-app"
  subnets            = [aws_subnet.ipv6.id]
  security_groups    = [aws_security_group.ipv6.id]
}

resource "aws_apprunner_service" "ipv6" {
  service_name = "ipv6-app"

  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/aws-containers/hello-app-runner:latest"
      image_repository_type = "ECR_PUBLIC"
    }
    auto_deployments_enabled = false
  }

  network_configuration {
    ip_address_type = "DUAL_STACK"

    egress_configuration {
      egress_type       = "VPC"
      vpc_connector_arn = aws_apprunner_vpc_connector.ipv6.arn
    }
  }
}
