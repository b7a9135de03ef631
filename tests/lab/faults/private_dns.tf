# Private DNS of the endpoint is off.
resource "aws_route_table" "private_dns" {
  vpc_id = aws_vpc.fault["private-dns"].id
  tags   = { Name = "private-dns-private" }
}

resource "aws_route_table_association" "private_dns_a" {
  subnet_id      = aws_subnet.private["private-dns-a"].id
  route_table_id = aws_route_table.private_dns.id
}

resource "aws_route_table_association" "private_dns_b" {
  subnet_id      = aws_subnet.private["private-dns-b"].id
  route_table_id = aws_route_table.private_dns.id
}

resource "aws_security_group" "private_dns" {
  name   = "private-dns-endpoints"
  vpc_id = aws_vpc.fault["private-dns"].id

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.41.0.0/16"]
  }
}

resource "aws_vpc_endpoint" "private_dns" {
  vpc_id              = aws_vpc.fault["private-dns"].id
  service_name        = "com.amazonaws.us-west-2.secretsmanager"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [aws_subnet.private["private-dns-a"].id, aws_subnet.private["private-dns-b"].id]
  security_group_ids  = [aws_security_group.private_dns.id]
  private_dns_enabled = false
}

resource "aws_apprunner_vpc_connector" "private_dns" {
  vpc_connector_name = "private-dns-app"
  subnets            = [aws_subnet.private["private-dns-a"].id, aws_subnet.private["private-dns-b"].id]
  security_groups    = [aws_security_group.app["private-dns"].id]
}

resource "aws_apprunner_service" "private_dns" {
  service_name = "private-dns-app"

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
      vpc_connector_arn = aws_apprunner_vpc_connector.private_dns.arn
    }
  }
}
