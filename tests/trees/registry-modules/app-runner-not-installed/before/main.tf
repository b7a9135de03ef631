module "app_runner" {
  source  = "terraform-aws-modules/app-runner/aws"
  version = "1.2.2"

  service_name = "bond-ai-dev-backend"

  create_vpc_connector          = true
  vpc_connector_name            = "bond-ai-dev-connector"
  vpc_connector_subnets         = local.subnets
  vpc_connector_security_groups = ["sg-app"]

  network_configuration = {
    egress_configuration = {
      egress_type       = "VPC" # the database is there
      vpc_connector_arn = null
    }
  }
}
