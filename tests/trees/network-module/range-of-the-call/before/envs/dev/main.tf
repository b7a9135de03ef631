variable "vpc_range" {
  type    = string
  default = "10.40.0.0/16"
}

module "net" {
  source = "../../modules/net"

  name           = "bond"
  range          = var.vpc_range
  private_ranges = { a = "10.40.0.0/20", b = "10.40.16.0/20", c = "10.40.32.0/20" }
  public_ranges  = { a = "10.40.96.0/24" }
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = module.net.vpc_id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = slice(module.net.private_subnet_ids, 0, 2)
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
