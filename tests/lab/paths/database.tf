# The security group of the database allows another network. The network interface stands for that of a database.
resource "aws_security_group" "database" {
  name   = "database"
  vpc_id = aws_vpc.path["database"].id

  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = ["10.99.0.0/16"]
  }
}

resource "aws_network_interface" "database" {
  description     = "database"
  subnet_id       = aws_subnet.public["database"].id
  private_ips     = ["10.42.8.50"]
  security_groups = [aws_security_group.database.id]
}

resource "aws_apprunner_vpc_connector" "database" {
  vpc_connector_name = "database-app"
  subnets            = [aws_subnet.app["database"].id]
  security_groups    = [aws_security_group.app["database"].id]
}

resource "aws_apprunner_service" "database" {
  service_name = "database-app"

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
      vpc_connector_arn = aws_apprunner_vpc_connector.database.arn
    }
  }
}
