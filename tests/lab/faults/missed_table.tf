# The endpoint has the route table of one subnet and misses that of the other.
resource "aws_route_table" "missed_table_a" {
  vpc_id = aws_vpc.fault["missed-table"].id
  tags   = { Name = "missed-table-private-a" }
}

resource "aws_route_table_association" "missed_table_a" {
  subnet_id      = aws_subnet.private["missed-table-a"].id
  route_table_id = aws_route_table.missed_table_a.id
}

resource "aws_route_table" "missed_table_b" {
  vpc_id = aws_vpc.fault["missed-table"].id
  tags   = { Name = "missed-table-private-b" }
}

resource "aws_route_table_association" "missed_table_b" {
  subnet_id      = aws_subnet.private["missed-table-b"].id
  route_table_id = aws_route_table.missed_table_b.id
}

resource "aws_vpc_endpoint" "missed_table" {
  vpc_id            = aws_vpc.fault["missed-table"].id
  service_name      = "com.amazonaws.us-west-2.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.missed_table_a.id]
}

resource "aws_apprunner_vpc_connector" "missed_table" {
  vpc_connector_name = "missed-table-app"
  subnets            = [aws_subnet.private["missed-table-a"].id, aws_subnet.private["missed-table-b"].id]
  security_groups    = [aws_security_group.app["missed-table"].id]
}

resource "aws_apprunner_service" "missed_table" {
  service_name = "missed-table-app"

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
      vpc_connector_arn = aws_apprunner_vpc_connector.missed_table.arn
    }
  }
}
