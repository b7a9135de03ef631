module "net_dev" {
  source = "./stacks/net"
  name   = "bond"
  ranges = ["10.40.0.0/20", "10.40.16.0/20"]
}

module "net_prod" {
  source = "./stacks/net"
  name   = "bond-prod"
  ranges = ["10.41.0.0/20"]
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = module.net_dev.vpc
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = module.net_dev.subnets
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
