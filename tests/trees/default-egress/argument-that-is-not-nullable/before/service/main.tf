resource "aws_apprunner_service" "this" {
  service_name = var.name

  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/x/y:1"
      image_repository_type = "ECR_PUBLIC"
    }
  }

  network_configuration {
    egress_configuration {
      egress_type       = var.vpc_connector_arn == null || var.vpc_connector_arn == "" ? "DEFAULT" : "VPC"
      vpc_connector_arn = var.vpc_connector_arn == "" ? null : var.vpc_connector_arn
    }
  }
}
