# The connector is in a public subnet: the VPC has no private one.
resource "aws_route_table_association" "public_app" {
  subnet_id      = aws_subnet.app["public"].id
  route_table_id = aws_route_table.public["public"].id
}

resource "aws_apprunner_vpc_connector" "public" {
  vpc_connector_name = "public-app"
  subnets            = [aws_subnet.app["public"].id]
  security_groups    = [aws_security_group.app["public"].id]
}

resource "aws_apprunner_service" "public" {
  service_name = "public-app"

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
      vpc_connector_arn = aws_apprunner_vpc_connector.public.arn
    }
  }
}
