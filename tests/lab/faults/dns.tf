# DNS is off in the VPC.
resource "aws_vpc" "dns" {
  cidr_block           = "10.42.0.0/16"
  enable_dns_support   = false
  enable_dns_hostnames = false
  tags                 = { Name = "dns" }
}

resource "aws_subnet" "dns" {
  for_each          = { a = "10.42.1.0/24", b = "10.42.2.0/24" }
  vpc_id            = aws_vpc.dns.id
  cidr_block        = each.value
  availability_zone = "us-west-2${each.key}"
}

resource "aws_vpc_endpoint" "dns" {
  vpc_id            = aws_vpc.dns.id
  service_name      = "com.amazonaws.us-west-2.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_vpc.dns.main_route_table_id]
}

resource "aws_security_group" "dns" {
  name   = "dns-app"
  vpc_id = aws_vpc.dns.id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_apprunner_vpc_connector" "dns" {
  vpc_connector_name = "dns-app"
  subnets            = [aws_subnet.dns["a"].id, aws_subnet.dns["b"].id]
  security_groups    = [aws_security_group.dns.id]
}

resource "aws_apprunner_service" "dns" {
  service_name = "dns-app"

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
      vpc_connector_arn = aws_apprunner_vpc_connector.dns.arn
    }
  }
}
