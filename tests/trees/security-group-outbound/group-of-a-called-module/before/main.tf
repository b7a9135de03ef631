resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = [for subnet in aws_subnet.private : subnet.id]
  security_groups    = [module.app_group.id]
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

module "app_group" {
  source = "./modules/group"

  name   = "bond-app"
  vpc_id = aws_vpc.main.id
}

module "worker_group" {
  source = "./modules/group"

  name   = "bond-worker"
  vpc_id = aws_vpc.main.id
}
