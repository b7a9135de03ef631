# A NAT gateway works, but the private route table has no route to it.
resource "aws_eip" "no_nat_route" {
  domain = "vpc"
}

resource "aws_nat_gateway" "no_nat_route" {
  allocation_id = aws_eip.no_nat_route.id
  subnet_id     = aws_subnet.public["no-nat-route-a"].id
  tags          = { Name = "no-nat-route" }
}

resource "aws_route_table" "no_nat_route" {
  vpc_id = aws_vpc.fault["no-nat-route"].id
  tags   = { Name = "no-nat-route-private" }
}

resource "aws_route_table_association" "no_nat_route_a" {
  subnet_id      = aws_subnet.private["no-nat-route-a"].id
  route_table_id = aws_route_table.no_nat_route.id
}

resource "aws_route_table_association" "no_nat_route_b" {
  subnet_id      = aws_subnet.private["no-nat-route-b"].id
  route_table_id = aws_route_table.no_nat_route.id
}

resource "aws_apprunner_vpc_connector" "no_nat_route" {
  vpc_connector_name = "no-nat-route-app"
  subnets            = [aws_subnet.private["no-nat-route-a"].id, aws_subnet.private["no-nat-route-b"].id]
  security_groups    = [aws_security_group.app["no-nat-route"].id]
}

resource "aws_apprunner_service" "no_nat_route" {
  service_name = "no-nat-route-app"

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
      vpc_connector_arn = aws_apprunner_vpc_connector.no_nat_route.arn
    }
  }
}

# A route resource of a table without inline routes: it must stay when the fix adds another one.
resource "aws_route" "no_nat_route" {
  route_table_id         = aws_route_table.no_nat_route.id
  destination_cidr_block = "192.0.2.0/24"
  nat_gateway_id         = aws_nat_gateway.no_nat_route.id
}
