output "id" {
  value = aws_vpc.this.id
}

output "private_subnet_ids" {
  value = { for key, subnet in aws_subnet.private : key => subnet.id }
}
