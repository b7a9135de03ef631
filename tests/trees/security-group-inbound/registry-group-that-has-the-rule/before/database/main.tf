variable "app_security_group_id" {
  type = string
}

module "db_sg" {
  source  = "terraform-aws-modules/security-group/aws"
  version = "~> 5.0"

  name            = "bond-db"
  use_name_prefix = false
  vpc_id          = "vpc-1"

  ingress_with_source_security_group_id = [
    {
      rule                     = "postgresql-tcp"
      source_security_group_id = var.app_security_group_id
    },
  ]
}
