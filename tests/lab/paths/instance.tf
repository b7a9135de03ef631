# The source/destination check of the NAT instance is on. The network interface stands for that of the instance.
resource "aws_security_group" "instance" {
  name   = "nat-instance"
  vpc_id = aws_vpc.path["instance"].id

  ingress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["10.42.0.0/16"]
  }
}

resource "aws_network_interface" "instance" {
  subnet_id       = aws_subnet.public["instance"].id
  security_groups = [aws_security_group.instance.id]
}

resource "aws_route_table" "instance" {
  vpc_id = aws_vpc.path["instance"].id
  tags   = { Name = "instance-private" }
}

resource "aws_route" "instance" {
  route_table_id         = aws_route_table.instance.id
  destination_cidr_block = "0.0.0.0/0"
  network_interface_id   = aws_network_interface.instance.id
}

resource "aws_route_table_association" "instance" {
  subnet_id      = aws_subnet.app["instance"].id
  route_table_id = aws_route_table.instance.id
}

resource "aws_apprunner_vpc_connector" "instance" {
  vpc_connector_name = "instance-app"
  subnets            = [aws_subnet.app["instance"].id]
  security_groups    = [aws_security_group.app["instance"].id]
}

resource "aws_apprunner_service" "instance" {
  service_name = "instance-app"

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
      vpc_connector_arn = aws_apprunner_vpc_connector.instance.arn
    }
  }
}
