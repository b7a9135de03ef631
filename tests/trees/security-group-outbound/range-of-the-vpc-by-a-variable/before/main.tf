variable "vpc_cidr" {
  type    = string
  default = "10.40.0.0/16"
}

module "net" {
  source = "./modules/net"

  cidr = var.vpc_cidr
}

module "security" {
  source = "./modules/security"

  vpc_id   = module.net.vpc_id
  vpc_cidr = var.vpc_cidr
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = module.net.private_subnet_ids
  security_groups    = [module.security.app_id]
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
