variable "name" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

variable "group_ids" {
  type = list(string)
}

module "this" {
  source  = "terraform-aws-modules/app-runner/aws"
  version = "1.2.0"

  service_name = "bond-ai-dev-${var.name}"

  create_vpc_connector          = true
  vpc_connector_name            = "bond-ai-dev-connector"
  vpc_connector_subnets         = var.subnet_ids
  vpc_connector_security_groups = var.group_ids

  network_configuration = {
    egress_configuration = {
      egress_type = "VPC"
    }
  }
}
