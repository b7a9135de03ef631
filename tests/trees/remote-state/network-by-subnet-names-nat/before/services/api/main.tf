module "private_a" {
  source = "../../modules/get_subnet"
  name   = "private-a"
}

module "private_b" {
  source = "../../modules/get_subnet"
  name   = "private-b"
}

data "aws_security_group" "app" {
  name = "bond-app"
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = [module.private_a.id, module.private_b.id]
  security_groups    = [data.aws_security_group.app.id]
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
