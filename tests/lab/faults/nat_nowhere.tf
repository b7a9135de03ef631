# The NAT gateway is in a subnet without a route to the internet gateway.
resource "aws_eip" "nat_nowhere" {
  domain = "vpc"
}

resource "aws_nat_gateway" "nat_nowhere" {
  allocation_id = aws_eip.nat_nowhere.id
  subnet_id     = aws_subnet.public["nat-nowhere-a"].id
  tags          = { Name = "nat-nowhere" }
}

resource "aws_route_table" "nat_nowhere" {
  vpc_id = aws_vpc.fault["nat-nowhere"].id
  tags   = { Name = "nat-nowhere-private" }

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.nat_nowhere.id
  }
}

resource "aws_route_table_association" "nat_nowhere_a" {
  subnet_id      = aws_subnet.private["nat-nowhere-a"].id
  route_table_id = aws_route_table.nat_nowhere.id
}

resource "aws_route_table_association" "nat_nowhere_b" {
  subnet_id      = aws_subnet.private["nat-nowhere-b"].id
  route_table_id = aws_route_table.nat_nowhere.id
}

resource "aws_route_table" "nat_nowhere_public" {
  vpc_id = aws_vpc.fault["nat-nowhere"].id
  tags   = { Name = "nat-nowhere-public" }
}

resource "aws_route_table_association" "nat_nowhere_public" {
  for_each       = toset(["a", "b"])
  subnet_id      = aws_subnet.public["nat-nowhere-${each.key}"].id
  route_table_id = aws_route_table.nat_nowhere_public.id
}

resource "aws_apprunner_vpc_connector" "nat_nowhere" {
  vpc_connector_name = "nat-nowhere-app"
  subnets            = [aws_subnet.private["nat-nowhere-a"].id, aws_subnet.private["nat-nowhere-b"].id]
  security_groups    = [aws_security_group.app["nat-nowhere"].id]
}

resource "aws_apprunner_service" "nat_nowhere" {
  service_name = "nat-nowhere-app"

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
      vpc_connector_arn = aws_apprunner_vpc_connector.nat_nowhere.arn
    }
  }
}
