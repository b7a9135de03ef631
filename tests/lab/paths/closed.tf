# The VPC has neither an internet gateway nor a public subnet.
resource "aws_vpc" "closed" {
  cidr_block = "10.48.0.0/16"
  tags       = { Name = "closed" }
}

resource "aws_subnet" "closed" {
  vpc_id            = aws_vpc.closed.id
  cidr_block        = "10.48.1.0/24"
  availability_zone = "us-west-2a"
  tags              = { Name = "closed-app" }
}

resource "aws_route_table" "closed" {
  vpc_id = aws_vpc.closed.id
  tags   = { Name = "closed-private" }
}

resource "aws_route_table_association" "closed" {
  subnet_id      = aws_subnet.closed.id
  route_table_id = aws_route_table.closed.id
}

resource "aws_security_group" "closed" {
  name   = "closed-app"
  vpc_id = aws_vpc.closed.id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_apprunner_vpc_connector" "closed" {
  vpc_connector_name = "closed-app"
  subnets            = [aws_subnet.closed.id]
  security_groups    = [aws_security_group.closed.id]
}

resource "aws_apprunner_service" "closed" {
  service_name = "closed-app"

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
      vpc_connector_arn = aws_apprunner_vpc_connector.closed.arn
    }
  }
}
