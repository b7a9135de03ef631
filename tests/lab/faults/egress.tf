# The connector's security group allows only its database.
resource "aws_route_table" "egress" {
  vpc_id = aws_vpc.fault["egress"].id
  tags   = { Name = "egress-private" }
}

resource "aws_route_table_association" "egress_a" {
  subnet_id      = aws_subnet.private["egress-a"].id
  route_table_id = aws_route_table.egress.id
}

resource "aws_route_table_association" "egress_b" {
  subnet_id      = aws_subnet.private["egress-b"].id
  route_table_id = aws_route_table.egress.id
}

resource "aws_vpc_endpoint" "egress" {
  vpc_id            = aws_vpc.fault["egress"].id
  service_name      = "com.amazonaws.us-west-2.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.egress.id]
}

resource "aws_security_group" "egress" {
  name   = "egress-app"
  vpc_id = aws_vpc.fault["egress"].id

  egress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = ["10.41.0.0/16"]
  }
}

resource "aws_apprunner_vpc_connector" "egress" {
  vpc_connector_name = "egress-app"
  subnets            = [aws_subnet.private["egress-a"].id, aws_subnet.private["egress-b"].id]
  security_groups    = [aws_security_group.egress.id]
}

resource "aws_apprunner_service" "egress" {
  service_name = "egress-app"

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
      vpc_connector_arn = aws_apprunner_vpc_connector.egress.arn
    }
  }
}
