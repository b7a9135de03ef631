module "db_sg" {
  source  = "terraform-aws-modules/security-group/aws"
  version = "~> 5.0"

  name            = "bond-db"
  use_name_prefix = false
  vpc_id          = "vpc-1"
}

output "security_group_id" {
  value = module.db_sg.security_group_id
}
