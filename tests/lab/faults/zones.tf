# No internet access, with one route table per AZ.
resource "aws_route_table" "zones_a" {
  vpc_id = aws_vpc.fault["zones"].id
  tags   = { Name = "zones-private-a" }
}

resource "aws_route_table_association" "zones_a" {
  subnet_id      = aws_subnet.private["zones-a"].id
  route_table_id = aws_route_table.zones_a.id
}

resource "aws_route_table" "zones_b" {
  vpc_id = aws_vpc.fault["zones"].id
  tags   = { Name = "zones-private-b" }
}

resource "aws_route_table_association" "zones_b" {
  subnet_id      = aws_subnet.private["zones-b"].id
  route_table_id = aws_route_table.zones_b.id
}

resource "aws_apprunner_vpc_connector" "zones" {
  vpc_connector_name = "zones-app"
  subnets            = [aws_subnet.private["zones-a"].id, aws_subnet.private["zones-b"].id]
  security_groups    = [aws_security_group.app["zones"].id]
}

resource "aws_apprunner_service" "zones" {
  service_name = "zones-app"

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
      vpc_connector_arn = aws_apprunner_vpc_connector.zones.arn
    }
  }
}
