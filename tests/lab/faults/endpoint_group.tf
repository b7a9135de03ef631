# The endpoint's security group does not allow this service.
resource "aws_route_table" "endpoint_group" {
  vpc_id = aws_vpc.fault["endpoint-group"].id
  tags   = { Name = "endpoint-group-private" }
}

resource "aws_route_table_association" "endpoint_group_a" {
  subnet_id      = aws_subnet.private["endpoint-group-a"].id
  route_table_id = aws_route_table.endpoint_group.id
}

resource "aws_route_table_association" "endpoint_group_b" {
  subnet_id      = aws_subnet.private["endpoint-group-b"].id
  route_table_id = aws_route_table.endpoint_group.id
}

resource "aws_security_group" "endpoint_group" {
  name   = "endpoint-group-endpoints"
  vpc_id = aws_vpc.fault["endpoint-group"].id

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["192.168.0.0/24"]
  }
}

resource "aws_vpc_endpoint" "endpoint_group" {
  vpc_id              = aws_vpc.fault["endpoint-group"].id
  service_name        = "com.amazonaws.us-west-2.secretsmanager"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [aws_subnet.private["endpoint-group-a"].id, aws_subnet.private["endpoint-group-b"].id]
  security_group_ids  = [aws_security_group.endpoint_group.id]
  private_dns_enabled = true
}

resource "aws_apprunner_vpc_connector" "endpoint_group" {
  vpc_connector_name = "endpoint-group-app"
  subnets            = [aws_subnet.private["endpoint-group-a"].id, aws_subnet.private["endpoint-group-b"].id]
  security_groups    = [aws_security_group.app["endpoint-group"].id]
}

resource "aws_apprunner_service" "endpoint_group" {
  service_name = "endpoint-group-app"

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
      vpc_connector_arn = aws_apprunner_vpc_connector.endpoint_group.arn
    }
  }
}
