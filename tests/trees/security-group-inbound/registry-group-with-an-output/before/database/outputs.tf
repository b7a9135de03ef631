output "security_group_id" {
  value = module.security_group.security_group_id
}
