output "vpc_id" {
  value = aws_vpc.main.id
}

output "private_subnets" {
  value = aws_subnet.private
}

output "public" {
  value = aws_subnet.public
}

output "tables" {
  value = { private = aws_route_table.private }
}
