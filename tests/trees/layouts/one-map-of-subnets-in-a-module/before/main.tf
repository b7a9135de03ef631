module "network" {
  source = "./network"

  subnets = {
    edge-a  = { cidr = "10.40.96.0/24", zone = "us-west-2a" }
    inner-a = { cidr = "10.40.0.0/20", zone = "us-west-2a" }
    inner-b = { cidr = "10.40.16.0/20", zone = "us-west-2b" }
  }
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = module.network.vpc_id
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = [for key, id in module.network.subnet_ids : id if startswith(key, "inner-")]
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
