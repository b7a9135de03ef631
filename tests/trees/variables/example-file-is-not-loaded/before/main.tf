variable "vpc" {
  type = string
}

variable "subnets" {
  type = list(string)
}

data "aws_vpc" "given" {
  id = var.vpc
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = data.aws_vpc.given.id
  service_name    = "com.amazonaws.us-west-2.s3"
  route_table_ids = data.aws_route_tables.all.ids
}

data "aws_route_tables" "all" {
  vpc_id = data.aws_vpc.given.id
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = data.aws_vpc.given.id
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = var.subnets
  security_groups    = [aws_security_group.app.id]
}

resource "aws_apprunner_service" "app" {
  service_name = "bond-ai-dev-backend"

  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/x/y:1"
      image_repository_type = "ECR_PUBLIC"
    }
  }

  network_configuration {
    egress_configuration {
      egress_type       = "VPC"
      vpc_connector_arn = aws_apprunner_vpc_connector.app.arn
    }
  }
}
