resource "aws_vpc" "main" {
  cidr_block = "10.40.0.0/16"
}

resource "aws_subnet" "inner" {
  for_each = {
    a = "10.40.0.0/20"
    b = "10.40.16.0/20"
  }

  vpc_id            = aws_vpc.main.id
  cidr_block        = each.value
  availability_zone = "us-west-2${each.key}"
}

resource "aws_subnet" "third" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.40.32.0/20"
  availability_zone = "us-west-2c"
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = aws_vpc.main.id
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = concat(values(aws_subnet.inner)[*].id, [aws_subnet.third.id])
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
