# The connector is in public subnets, where it has no public IP; the private subnets have a NAT gateway.
resource "aws_eip" "moved" {
  domain = "vpc"
}

resource "aws_nat_gateway" "moved" {
  allocation_id = aws_eip.moved.id
  subnet_id     = aws_subnet.public["moved-a"].id
  tags          = { Name = "moved" }
}

resource "aws_route_table" "moved" {
  vpc_id = aws_vpc.fault["moved"].id
  tags   = { Name = "moved-private" }

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.moved.id
  }
}

resource "aws_route_table_association" "moved_a" {
  subnet_id      = aws_subnet.private["moved-a"].id
  route_table_id = aws_route_table.moved.id
}

resource "aws_route_table_association" "moved_b" {
  subnet_id      = aws_subnet.private["moved-b"].id
  route_table_id = aws_route_table.moved.id
}

resource "aws_apprunner_vpc_connector" "moved" {
  vpc_connector_name = "moved-app"
  subnets            = [aws_subnet.public["moved-a"].id, aws_subnet.public["moved-b"].id]
  security_groups    = [aws_security_group.app["moved"].id]
}

resource "aws_apprunner_service" "moved" {
  service_name = "moved-app"

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
      vpc_connector_arn = aws_apprunner_vpc_connector.moved.arn
    }
  }
}
