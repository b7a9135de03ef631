# The database is in a peer VPC, and no route table has a route to the peering connection.
resource "aws_vpc" "peering" {
  cidr_block = "10.45.0.0/16"
  tags       = { Name = "peering" }
}

resource "aws_subnet" "peering" {
  vpc_id            = aws_vpc.peering.id
  cidr_block        = "10.45.1.0/24"
  availability_zone = "us-west-2a"
  tags              = { Name = "peering-app" }
}

resource "aws_route_table" "peering" {
  vpc_id = aws_vpc.peering.id
  tags   = { Name = "peering-private" }
}

resource "aws_route_table_association" "peering" {
  subnet_id      = aws_subnet.peering.id
  route_table_id = aws_route_table.peering.id
}

resource "aws_vpc" "peer" {
  cidr_block = "10.46.0.0/16"
  tags       = { Name = "peer" }
}

resource "aws_subnet" "peer" {
  vpc_id            = aws_vpc.peer.id
  cidr_block        = "10.46.1.0/24"
  availability_zone = "us-west-2a"
  tags              = { Name = "peer-app" }
}

resource "aws_route_table" "peer" {
  vpc_id = aws_vpc.peer.id
  tags   = { Name = "peer-private" }
}

resource "aws_route_table_association" "peer" {
  subnet_id      = aws_subnet.peer.id
  route_table_id = aws_route_table.peer.id
}

resource "aws_vpc_peering_connection" "peering" {
  vpc_id      = aws_vpc.peering.id
  peer_vpc_id = aws_vpc.peer.id
  auto_accept = true
  tags        = { Name = "peering" }
}

resource "aws_security_group" "peer" {
  name   = "peer-database"
  vpc_id = aws_vpc.peer.id

  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = ["10.45.0.0/16"]
  }
}

resource "aws_network_interface" "peer" {
  description     = "peer database"
  subnet_id       = aws_subnet.peer.id
  private_ips     = ["10.46.1.50"]
  security_groups = [aws_security_group.peer.id]
}

resource "aws_security_group" "peering" {
  name   = "peering-app"
  vpc_id = aws_vpc.peering.id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_apprunner_vpc_connector" "peering" {
  vpc_connector_name = "peering-app"
  subnets            = [aws_subnet.peering.id]
  security_groups    = [aws_security_group.peering.id]
}

resource "aws_apprunner_service" "peering" {
  service_name = "peering-app"

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
      vpc_connector_arn = aws_apprunner_vpc_connector.peering.arn
    }
  }
}
