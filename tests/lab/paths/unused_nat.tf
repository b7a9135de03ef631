# The default route goes to a NAT instance that drops the packets, beside a NAT gateway that works.
resource "aws_eip" "unused_nat" {
  domain = "vpc"
}

resource "aws_nat_gateway" "unused_nat" {
  allocation_id = aws_eip.unused_nat.id
  subnet_id     = aws_subnet.public["unused-nat"].id
  tags          = { Name = "unused-nat" }
}

resource "aws_network_interface" "unused_nat" {
  subnet_id = aws_subnet.public["unused-nat"].id
}

resource "aws_route_table" "unused_nat" {
  vpc_id = aws_vpc.path["unused-nat"].id
  tags   = { Name = "unused-nat-private" }

  route {
    cidr_block           = "0.0.0.0/0"
    network_interface_id = aws_network_interface.unused_nat.id
  }
}

resource "aws_route_table_association" "unused_nat" {
  subnet_id      = aws_subnet.app["unused-nat"].id
  route_table_id = aws_route_table.unused_nat.id
}

resource "aws_apprunner_vpc_connector" "unused_nat" {
  vpc_connector_name = "unused-nat-app"
  subnets            = [aws_subnet.app["unused-nat"].id]
  security_groups    = [aws_security_group.app["unused-nat"].id]
}

resource "aws_apprunner_service" "unused_nat" {
  service_name = "unused-nat-app"

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
      vpc_connector_arn = aws_apprunner_vpc_connector.unused_nat.arn
    }
  }
}
