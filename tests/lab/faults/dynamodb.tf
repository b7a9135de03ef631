# No route to DynamoDB.
resource "aws_route_table" "dynamodb" {
  vpc_id = aws_vpc.fault["dynamodb"].id
  tags   = { Name = "dynamodb-private" }
}

resource "aws_route_table_association" "dynamodb_a" {
  subnet_id      = aws_subnet.private["dynamodb-a"].id
  route_table_id = aws_route_table.dynamodb.id
}

resource "aws_route_table_association" "dynamodb_b" {
  subnet_id      = aws_subnet.private["dynamodb-b"].id
  route_table_id = aws_route_table.dynamodb.id
}

resource "aws_apprunner_vpc_connector" "dynamodb" {
  vpc_connector_name = "dynamodb-app"
  subnets            = [aws_subnet.private["dynamodb-a"].id, aws_subnet.private["dynamodb-b"].id]
  security_groups    = [aws_security_group.app["dynamodb"].id]
}

resource "aws_apprunner_service" "dynamodb" {
  service_name = "dynamodb-app"

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
      vpc_connector_arn = aws_apprunner_vpc_connector.dynamodb.arn
    }
  }
}
